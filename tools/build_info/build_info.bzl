"""build_info_source: a .cc file that defines GetBuildInfo() of build_info.h.

With --stamp it holds what tools/workspace_status.sh said, otherwise "unstamped". The macro picks the attribute by the
flag, so that an unstamped file does not depend on the checkout's state at all.
"""

def _build_info_source_impl(ctx):
    status = [ctx.info_file] if ctx.attr.stamp_flag else []
    ctx.actions.run_shell(
        inputs = status,
        outputs = [ctx.outputs.out],
        arguments = [ctx.outputs.out.path, ctx.attr.version] + [f.path for f in status],
        command = """
commit=unstamped dirty=0
if [ $# -eq 3 ]; then
  commit=$(sed -n 's/^STABLE_GIT_COMMIT //p' "$3")
  dirty=$(sed -n 's/^STABLE_GIT_DIRTY //p' "$3")
fi
cat >"$1" <<END
#include "tools/build_info/build_info.h"

namespace transect {

BuildInfo GetBuildInfo() {
  return {.version = "$2", .commit = "${commit:-unstamped}", .dirty = ${dirty:-0} != 0};
}

}  // namespace transect
END
""",
        mnemonic = "BuildInfo",
    )
    return [DefaultInfo(files = depset([ctx.outputs.out]))]

_build_info_source = rule(
    implementation = _build_info_source_impl,
    attrs = {
        "out": attr.output(mandatory = True),
        "stamp_flag": attr.bool(),
        "version": attr.string(mandatory = True),
    },
)

def build_info_source(name, out, version):
    _build_info_source(
        name = name,
        out = out,
        version = version,
        stamp_flag = select({
            "//tools/build_info:stamp_on": True,
            "//conditions:default": False,
        }),
    )
