"""Keep who may do what at the office, what they did, and what they wrote down: the pages' own database."""
