"""The ways in (command, REST) and the use case that joins facts and beliefs."""
