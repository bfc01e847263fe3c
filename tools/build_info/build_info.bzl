"""build_info_source: a .cc file that defines GetBuildInfo() of build_info.h, with what tools/workspace_status.sh said.

Every build has it, with and without --stamp: the file depends on Bazel's stable status, which changes with the commit and
with whether the checkout is dirty, and only programs of people link it.
"""

def _build_info_source_impl(ctx):
    ctx.actions.run_shell(
        inputs = [ctx.info_file],
        outputs = [ctx.outputs.out],
        arguments = [ctx.outputs.out.path, ctx.attr.version, ctx.info_file.path],
        command = """
commit=$(sed -n 's/^STABLE_GIT_COMMIT //p' "$3")
dirty=$(sed -n 's/^STABLE_GIT_DIRTY //p' "$3")
cat >"$1" <<END
#include "tools/build_info/build_info.h"

namespace transect {

BuildInfo GetBuildInfo() {
  return {.version = "$2", .commit = "${commit:-unknown}", .dirty = ${dirty:-0} != 0};
}

}  // namespace transect
END
""",
        mnemonic = "BuildInfo",
    )
    return [DefaultInfo(files = depset([ctx.outputs.out]))]

build_info_source = rule(
    implementation = _build_info_source_impl,
    attrs = {
        "out": attr.output(mandatory = True),
        "version": attr.string(mandatory = True),
    },
)
