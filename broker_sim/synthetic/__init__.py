"""A seed gives companies, sessions, chats, diagnostics, screens and traffic; all of it pure.

Everything here is a function of a seed, an index or a session, and given instants. No clock is
read, no generator has a memory, nothing is fetched: two processes, or two calls years apart,
give the same bytes. Names, mail addresses and machines are invented.
"""
