"""The technician's side of the lobby: find out, watch, test and teach, on the glass. Pure, like the rest."""
