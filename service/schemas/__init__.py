"""What goes over the wire. Struct in: unknown keys refused, bounds checked. Struct out: frozen."""
