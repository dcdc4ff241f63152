"""Reading PDF and Word manuals into sections."""
