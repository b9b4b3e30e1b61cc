"""The representative's desk, as the product's HelpAlert is to representatives: pages and live news.

It translates between a browser and the use cases of the Agents service, and decides nothing.
"""
