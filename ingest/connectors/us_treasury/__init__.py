"""Daily par yields of US Treasuries, nominal and real, by the files of the US Treasury."""
