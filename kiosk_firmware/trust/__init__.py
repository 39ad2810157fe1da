"""Who is who in a fleet: keys, certificates, signed documents, and a unit's way from blank to trusted."""
