"""A naive client, right as it stands, and wrong in one way for each switch: `--wrong NAME`.

It does one thing after the other and knows nothing but the WSDL's words. The suites are judged
by whether they tell its wrong ways from its right one.
"""
