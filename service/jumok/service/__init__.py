"""From gRPC to tokens with attention: servicer › translator › scheduler › engine."""
