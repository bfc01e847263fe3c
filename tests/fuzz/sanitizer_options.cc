// Options of the address sanitizer in fuzz targets. Containers of ours cross
// into system libraries that are compiled without it, which its check of
// containers takes for overflows.

extern "C" const char* __asan_default_options();

extern "C" const char* __asan_default_options() {
  return "detect_container_overflow=0";
}
