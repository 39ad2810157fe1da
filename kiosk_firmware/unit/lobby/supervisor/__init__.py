"""The supervisor's side of the lobby: a door that learners do not meet, and a desk behind it. Pure, like the rest."""
