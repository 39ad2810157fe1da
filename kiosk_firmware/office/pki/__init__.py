"""The office's side of trust: the authority that signs, the register of who is who, and the desk that units come to."""
