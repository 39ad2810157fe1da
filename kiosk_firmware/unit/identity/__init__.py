"""Keep who a unit is: its keys and certificates, and how far its enrolment has come."""
