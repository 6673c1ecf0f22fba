"""Statistical word aligners, whose links guide attention and which attention is compared with."""
