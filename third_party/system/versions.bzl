"""concatenated: one sorted text file out of several."""

def _concatenated_impl(ctx):
    ctx.actions.run_shell(
        inputs = ctx.files.srcs,
        outputs = [ctx.outputs.out],
        command = 'out=$1; shift; LC_ALL=C sort -u "$@" > "$out"',
        arguments = [ctx.outputs.out.path] + [f.path for f in ctx.files.srcs],
        mnemonic = "SystemVersions",
    )
    return [DefaultInfo(files = depset([ctx.outputs.out]), runfiles = ctx.runfiles([ctx.outputs.out]))]

concatenated = rule(
    implementation = _concatenated_impl,
    attrs = {
        "out": attr.output(mandatory = True),
        "srcs": attr.label_list(allow_files = True),
    },
)
