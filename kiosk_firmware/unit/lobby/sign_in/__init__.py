"""Sign a learner in: number, pictures, or card; the first touches; what suits whom. Pure, like the rest."""
