// `transect` without the worker, for shells that ask it.
#include "launch/cli/cli.h"

int main(int argc, char** argv) { return transect::TransectMain(argc, argv); }
