"""The central office: collects the units' facts, keeps them once each, and shows what is used and how the units are."""
