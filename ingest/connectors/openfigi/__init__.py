"""The FIGI of listed funds and shares, by OpenFIGI."""
