"""What else could fake a SOAP service, serving the same calls in the same run."""
