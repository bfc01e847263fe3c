"""cc_library under the load path of current rules_cc."""

cc_library = native.cc_library
