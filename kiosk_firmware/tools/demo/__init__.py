"""Everything on one machine: broker, office, agent, twins and screen, over loopback, from one private folder."""
