#include "launch/store/bundle_size.h"

#include <unistd.h>

#include <string>

#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/bundle.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

// A worker of 10 bytes, a module of 6, a library of 7 under two names.
class BundleSizeTest : public testing::Test {
 protected:
  BundleSizeTest() : store_(*Store::OpenOrCreate(NewDir() + "/store")) {
    built_.root = NewDir();
    built_.worker = "worker";
    built_.modules = {"libmodule.so"};
    built_.libraries = {"_solib_k8/a/libx.so", "_solib_k8/b/libx.so"};
    built_.versions = "libx 1\n";
    built_.lock = Sha256("lock");
    Put(built_.root + "/worker", "0123456789");
    Put(built_.root + "/libmodule.so", "module");
    Put(built_.root + "/real/libx.so.1", "library");
    for (const char* folder : {"/_solib_k8/a", "/_solib_k8/b"}) {
      Put(built_.root + folder + "/keep", "");
      EXPECT_EQ(symlink((built_.root + "/real/libx.so.1").c_str(),
                        (built_.root + folder + "/libx.so").c_str()),
                0);
    }
  }

  CodeParts Parts() { return *MakeCodeParts(built_, store_); }

  BuiltWorker built_;
  Store store_;
};

TEST_F(BundleSizeTest, CountsWhatTheStoreLacks) {
  EXPECT_EQ(BytesOfNewBundle(built_, Parts(), store_), 10 + 6 + 7);
  ASSERT_THAT(InstallBundle(built_, Parts(), store_), IsOk());
  EXPECT_EQ(BytesOfNewBundle(built_, Parts(), store_), 0);
  // Another worker; its library is there.
  Put(built_.root + "/worker", "0123456789 and more");
  EXPECT_EQ(BytesOfNewBundle(built_, Parts(), store_), 19 + 6);
  // A library of the system.
  built_.system_libraries = {{"libz.so.1", built_.root + "/real/libz"}};
  Put(built_.root + "/real/libz", "zlib");
  EXPECT_EQ(BytesOfNewBundle(built_, Parts(), store_), 19 + 6 + 4);
  built_.system_libraries.clear();
  // Another library.
  Put(built_.root + "/real/libx.so.1", "another library");
  EXPECT_EQ(BytesOfNewBundle(built_, Parts(), store_), 19 + 6 + 15);
}

TEST_F(BundleSizeTest, WritesNothing) {
  const std::string root = NewDir() + "/store";
  BytesOfNewBundle(built_, Parts(), *Store::Open(root));
  EXPECT_FALSE(FileExists(root));
}

}  // namespace
}  // namespace transect
