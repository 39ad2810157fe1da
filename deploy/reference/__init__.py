"""Make the pages of the documents that follow from the code; `deploy.generate_reference` writes them."""
