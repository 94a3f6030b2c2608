"""Published files, brought here once: from the Hub or an address, by their checksum; none when offline."""
