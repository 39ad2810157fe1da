"""The shop on the phone: look, read, order, pay, fetch the parcel, and send back what is not right."""
