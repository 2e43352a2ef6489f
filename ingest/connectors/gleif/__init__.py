"""The LEI of institutions, by the Global Legal Entity Identifier Foundation."""
