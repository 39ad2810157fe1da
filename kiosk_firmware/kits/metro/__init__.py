"""The metro that its ticket machine, gate and service desk share: the network, its fares, what a card carries."""
