"""cc_binary under the load path of current rules_cc."""

cc_binary = native.cc_binary
