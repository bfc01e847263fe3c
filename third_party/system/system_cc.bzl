"""system_cc_library: a library that the distribution installed.

Its include directories are absolute and become -isystem. They pass Bazel's include check because they lie under the
compiler's builtin /usr/include, so there are no headers to declare and none to link into a sandbox.
"""

def _system_cc_library_impl(ctx):
    own = CcInfo(
        compilation_context = cc_common.create_compilation_context(
            defines = depset(ctx.attr.defines),
            system_includes = depset(ctx.attr.system_includes),
        ),
        # A depset: equal flags collapse, so no flag may be needed twice in one list.
        linking_context = cc_common.create_linking_context(
            linker_inputs = depset([cc_common.create_linker_input(
                owner = ctx.label,
                user_link_flags = depset(ctx.attr.linkopts),
            )]),
        ),
    )
    return [cc_common.merge_cc_infos(direct_cc_infos = [own], cc_infos = [d[CcInfo] for d in ctx.attr.deps])]

system_cc_library = rule(
    implementation = _system_cc_library_impl,
    attrs = {
        "defines": attr.string_list(),
        "deps": attr.label_list(providers = [CcInfo]),
        "linkopts": attr.string_list(),
        "system_includes": attr.string_list(),
    },
)
