"""The ID card's window at the police station: a new card, a lost one, a temporary one, and the household first."""
