"""The server itself: addresses, settings, access, connections and limits."""
