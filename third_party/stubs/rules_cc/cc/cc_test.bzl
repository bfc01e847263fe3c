"""cc_test under the load path of current rules_cc."""

cc_test = native.cc_test
