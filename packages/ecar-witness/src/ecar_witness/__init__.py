"""A witness of public logs (C2SP tlog-witness v1.0.0): signs a head only when it continues the last one it signed."""
