"""The medical insurance window: joining in the period or within the year, the wait, the electronic code, the family."""
