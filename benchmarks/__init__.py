"""What the claims about other systems come from: peers on the same data. No part of the product."""
