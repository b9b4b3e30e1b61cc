"""The SOAP shell: the contract as spyne services, served by code compiled from them."""
