"""News by the files of GDELT: how many articles of each quarter of an hour are about something."""
