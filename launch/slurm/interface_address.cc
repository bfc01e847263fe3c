#include "launch/slurm/interface_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <unistd.h>

#include <set>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace transect {

absl::StatusOr<std::string> InterfaceAddress(const std::string& name) {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) {
    return absl::ErrnoToStatus(errno, "cannot list network interfaces");
  }
  absl::Cleanup free_all = [all] { freeifaddrs(all); };
  std::set<std::string> names;
  for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET) {
      continue;
    }
    names.insert(each->ifa_name);
    char text[INET_ADDRSTRLEN] = "";
    const auto* const address =
        reinterpret_cast<const sockaddr_in*>(each->ifa_addr);
    if (each->ifa_name == name &&
        inet_ntop(AF_INET, &address->sin_addr, text, sizeof(text)) != nullptr) {
      return std::string(text);
    }
  }
  char host[256] = "";
  gethostname(host, sizeof(host) - 1);
  return absl::NotFoundError(absl::StrCat(
      "slurm.interface of the site file is '", name, "', and node ", host,
      " has no IPv4 address by it; it has: ", absl::StrJoin(names, ", ")));
}

}  // namespace transect
