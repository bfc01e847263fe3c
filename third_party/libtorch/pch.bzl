"""torch_pch: a precompiled header.

Compiles `header` with exactly the flags that C++ sources get and hands out the header with its .gch beside it. A target
that says `-include $(execpath …)` and depends on it then skips the parsing of some 5,000 torch headers. A source whose
flags differ where the header could notice is refused by -Werror=invalid-pch rather than compiled slowly.
"""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

def _torch_pch_impl(ctx):
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(ctx = ctx, cc_toolchain = toolchain)
    deps = cc_common.merge_cc_infos(cc_infos = [d[CcInfo] for d in ctx.attr.deps])
    context = deps.compilation_context
    source = ctx.file.header
    header = ctx.actions.declare_file(source.basename)
    gch = ctx.actions.declare_file(source.basename + ".gch")
    ctx.actions.symlink(output = header, target_file = source)
    variables = cc_common.create_compile_variables(
        feature_configuration = features,
        cc_toolchain = toolchain,
        source_file = source.path,
        output_file = gch.path,
        user_compile_flags = ctx.fragments.cpp.copts + ctx.fragments.cpp.cxxopts + ["-x", "c++-header"],
        system_include_directories = context.system_includes,
        quote_include_directories = context.quote_includes,
        use_pic = True,
    )
    how = {"feature_configuration": features, "action_name": "c++-compile"}
    ctx.actions.run(
        executable = cc_common.get_tool_for_action(**how),
        arguments = cc_common.get_memory_inefficient_command_line(variables = variables, **how),
        env = cc_common.get_environment_variables(variables = variables, **how),
        inputs = depset([source], transitive = [context.headers, toolchain.all_files]),
        outputs = [gch],
        mnemonic = "CppPch",
        progress_message = "Precompiling %s" % source.basename,
    )
    own = CcInfo(compilation_context = cc_common.create_compilation_context(headers = depset([header, gch])))
    return [
        DefaultInfo(files = depset([header])),
        cc_common.merge_cc_infos(direct_cc_infos = [own], cc_infos = [deps]),
    ]

torch_pch = rule(
    implementation = _torch_pch_impl,
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
    attrs = {
        "deps": attr.label_list(providers = [CcInfo]),
        "header": attr.label(mandatory = True, allow_single_file = True),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
)
