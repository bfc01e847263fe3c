"""cc_import under the load path of current rules_cc."""

cc_import = native.cc_import
