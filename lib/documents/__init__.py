"""Documents for paper and archive, as PDF: the work order and the case file."""
