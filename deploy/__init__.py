"""What brings a unit and an office to life: making fonts and locks, installing, commissioning."""
