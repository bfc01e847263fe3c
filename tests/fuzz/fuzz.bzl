"""fuzz_target: one entry function, run over its corpus as a plain test and driven by libFuzzer on request."""

load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load("@rules_cc//cc:cc_test.bzl", "cc_test")

def fuzz_target(name, src, deps, corpus = None, data = [], fuzzer_args = []):
    """A parser and whatever bytes.

    NAME_test is part of `bazel test //...`: it calls LLVMFuzzerTestOneInput of `src` on every file of the corpus and of
    `data`. NAME is the libFuzzer binary, which only --config=fuzz can link:

        bazel run --config=fuzz //tests/fuzz:NAME -- -max_total_time=600 -artifact_prefix=$PWD/

    It starts from the corpus and `data` and keeps what it finds in the runfiles only; an input that fails is written to
    artifact_prefix. It becomes a file of the corpus when it is fixed.

    Args:
      name: such as "pickle_fuzz".
      src: a .cc file that defines LLVMFuzzerTestOneInput; an invariant that fails there aborts (TRANSECT_CHECK).
      deps: libraries of `src`; no LibTorch.
      corpus: directory of this package, default "corpus/" and `name` without "_fuzz"; at least one file.
      data: labels of single files elsewhere, such as golden fixtures, that are seeds too.
      fuzzer_args: further arguments for libFuzzer, such as "-max_len=65536".
    """
    directory = corpus or "corpus/" + name.replace("_fuzz", "")
    files = native.glob([directory + "/**"])
    if not files:
        fail("%s: no files in %s" % (name, directory))
    places = [native.package_name() + "/" + directory] + ["$(rootpaths %s)" % label for label in data]
    cc_test(
        name = name + "_test",
        size = "small",
        srcs = [
            "corpus_main.cc",
            src,
        ],
        args = places,
        data = files + data,
        deps = depset(deps + [
            "//data/io:file",
            "@absl//:statusor",
        ]).to_list(),
    )
    cc_binary(
        name = name,
        testonly = True,
        srcs = [
            "sanitizer_options.cc",
            src,
        ],
        args = [
            "-rss_limit_mb=1024",
            "-timeout=10",
        ] + fuzzer_args + (["-seed_inputs=" + ",".join(places[1:])] if data else []) + places[:1],
        data = files + data,
        linkopts = select(
            {"//tests/fuzz:fuzzing": ["-fsanitize=fuzzer"]},
            no_match_error = "a fuzzer needs clang and its run-time library: add --config=fuzz",
        ),
        tags = ["manual"],
        deps = deps,
    )
