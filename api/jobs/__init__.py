"""Work that outlasts a request: jobs, the ledger that keeps them over a restart, and what runs them."""
