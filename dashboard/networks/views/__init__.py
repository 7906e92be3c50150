"""The pages of networks: parse, call one action, answer. They read rows and never call a cloud."""
