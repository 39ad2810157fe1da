"""The legal desk: advice for nothing, legal aid, fines that are not paid, a spending limit lifted, equal rights."""
