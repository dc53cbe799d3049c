// SPDX-License-Identifier: Apache-2.0
#include "base/files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "base/errors.hpp"
#include "base/sha256_internal.hpp"

namespace kinescape {
namespace {

namespace fs = std::filesystem;

class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    root = fs::path(::testing::TempDir()) /
           ("kinescape_" + std::to_string(::getpid()) + "_" + info->name());
    fs::remove_all(root);
    fs::create_directories(root);
  }
  void TearDown() override { fs::remove_all(root); }

  std::size_t entries(const fs::path& folder) const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }
  fs::path root;
};

TEST_F(Files, ReadsBackWhatWasWritten) {
  std::string bytes = "a\r\n\0b";
  bytes.resize(300'000, 'x');
  write_file(root / "f", "old content that is longer");
  write_file(root / "f", bytes);
  EXPECT_EQ(read_file(root / "f").value, bytes);
  EXPECT_EQ(entries(root), 1U) << "no temporary file stays";
  write_file(root / "empty", "");
  EXPECT_TRUE(read_file(root / "empty").ok());
}

TEST_F(Files, ReportsWhatCannotBeReadAsAProblem) {
  EXPECT_NE(read_file(root / "none").problems.at(0).what.find("No such file"), std::string::npos);
  EXPECT_NE(read_file(root).problems.at(0).what.find("folder"), std::string::npos);
  write_file(root / "f", "12345");
  EXPECT_TRUE(read_file(root / "f", 5).ok());
  const auto large = read_file(root / "f", 4);
  EXPECT_FALSE(large.ok());
  EXPECT_EQ(large.value, "");
  EXPECT_FALSE(sha256_file(root / "none").ok());
}

TEST_F(Files, LeavesTheOldFileWhenTheNewOneCannotBeWritten) {
  EXPECT_THROW(write_file(root / "no" / "f", "x"), FileError);
  EXPECT_THROW(write_file(root, "x"), FileError);
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here to stand in for a full disk";
  try {
    write_file("/dev/full", "x");
    ADD_FAILURE() << "writing to a full device must throw";
  } catch (const FileError& e) {
    EXPECT_EQ(e.path, "/dev/full");
    EXPECT_NE(std::string(e.what()).find("No space left"), std::string::npos) << e.what();
  }
}

TEST_F(Files, WritesThroughASymbolicLink) {
  write_file(root / "real", "old");
  fs::create_symlink("real", root / "link");
  write_file(root / "link", "new");
  EXPECT_TRUE(fs::is_symlink(root / "link"));
  EXPECT_EQ(read_file(root / "real").value, "new");
}

TEST_F(Files, OutputFolderAppearsWholeOrNotAtAll) {
  const fs::path out = root / "results";
  {
    OutputFolder folder(out);
    folder.write("report.html", "r");
    folder.write("tables/curves.csv", "first");
    folder.write("tables/curves.csv", "c");
    EXPECT_FALSE(fs::exists(out));
  }
  EXPECT_EQ(entries(root), 0U) << "without commit() nothing is left";
  {
    OutputFolder folder(out / "");  // "results/" is the same folder
    folder.write("report.html", "r");
    folder.write("tables/curves.csv", "c");
    folder.commit();
  }
  EXPECT_EQ(read_file(out / "tables" / "curves.csv").value, "c");
  EXPECT_EQ(entries(root), 1U);
}

TEST_F(Files, OutputFolderReplacesItsOwnFilesAndLeavesOthers) {
  write_file(root / "notes.txt", "mine");
  write_file(root / "report.html", "old");
  {
    OutputFolder folder(root);
    folder.write("report.html", "new");
    EXPECT_EQ(read_file(root / "report.html").value, "old");
  }
  EXPECT_EQ(read_file(root / "report.html").value, "old");
  EXPECT_EQ(entries(root), 2U);
  OutputFolder folder(root);
  folder.write("report.html", "new");
  folder.write("a/b.csv", "b");
  folder.commit();
  EXPECT_EQ(read_file(root / "report.html").value, "new");
  EXPECT_EQ(read_file(root / "notes.txt").value, "mine");
  EXPECT_EQ(read_file(root / "a" / "b.csv").value, "b");
  EXPECT_EQ(entries(root), 3U);
}

/// Begins results in a process that is then killed.
void begin_and_be_killed(const fs::path& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    OutputFolder folder(path);
    folder.write("report.html", "half");
    ::raise(SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
}

TEST_F(Files, OutputFolderRemovesWhatAKilledRunLeftHidden) {
  begin_and_be_killed(root / "new");  // beside the folder, because it is not there yet
  EXPECT_EQ(entries(root), 1U);
  EXPECT_FALSE(std::filesystem::exists(root / "new"));
  std::filesystem::create_directory(root / "old");
  write_file(root / "old" / ".old.1-x.part", "not made by us");
  begin_and_be_killed(root / "old");
  EXPECT_EQ(entries(root / "old"), 2U);
  for (const char* name : {"new", "old"}) {
    OutputFolder folder(root / name);
    folder.write("report.html", "whole");
    folder.commit();
    EXPECT_EQ(read_file(root / name / "report.html").value, "whole");
  }
  EXPECT_EQ(entries(root), 2U);
  EXPECT_EQ(entries(root / "old"), 2U);  // the report and the file of somebody else
}

/// Writes a file in a process that is killed when eight bytes are on the disk.
void write_and_be_killed(const fs::path& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit eight_bytes{8, 8}, no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::setrlimit(RLIMIT_FSIZE, &eight_bytes);
    write_file(path, "more than eight bytes");  // SIGXFSZ
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
}

TEST_F(Files, AFileRemovesWhatAKilledWriterLeftHidden) {
  write_file(root / "a.csv", "old");
  write_and_be_killed(root / "a.csv");
  EXPECT_EQ(read_file(root / "a.csv").value, "old");
  ASSERT_EQ(entries(root), 2U) << "the killed writer left its part";
  const fs::path living = root / ".a.csv.1-0.part";
  const int in_use = ::open(living.c_str(), O_WRONLY | O_CREAT, 0666);
  ASSERT_EQ(::flock(in_use, LOCK_EX | LOCK_NB), 0);
  write_file(root / "a.csv", "new");
  EXPECT_EQ(read_file(root / "a.csv").value, "new");
  EXPECT_EQ(entries(root), 2U) << "the part of a living writer stays";
  EXPECT_TRUE(fs::exists(living));
  ::close(in_use);
  write_file(root / "a.csv", "newer");
  EXPECT_EQ(entries(root), 1U);
}

TEST_F(Files, OutputFolderLeavesALivingRunAlone) {
  OutputFolder living(root / "out");
  living.write("a.txt", "living");
  OutputFolder second(root / "out");
  second.write("a.txt", "second");
  second.commit();
  living.commit();
  EXPECT_EQ(read_file(root / "out" / "a.txt").value, "living");
  EXPECT_EQ(entries(root), 1U);
}

TEST_F(Files, OutputFolderStaysInside) {
  OutputFolder folder(root / "out");
  for (const auto* path : {"../x", "/x", "a/../../x", "", ".", "a/"}) {
    EXPECT_THROW(folder.write(path, "x"), UsageError) << path;
  }
  write_file(root / "file", "x");
  EXPECT_THROW(OutputFolder(root / "file"), FileError);
}

// Examples of FIPS 180-4 as NIST publishes them (csrc.nist.gov, "SHA256.pdf"), and one million "a".
TEST(Sha256, GivesTheValuesNistPublishes) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, IsTheSameInPiecesAndWithoutTheProcessorsInstructions) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += static_cast<char>(i * 7);
  for (const std::size_t piece : {1UL, 3UL, 55UL, 56UL, 63UL, 64UL, 65UL, 128UL, 999UL}) {
    Sha256 hash;
    for (std::size_t i = 0; i < text.size(); i += piece) {
      hash.add(std::string_view(text).substr(i, piece));
    }
    EXPECT_EQ(hash.hex(), sha256(text)) << piece;
  }
  Sha256::State plain{1, 2, 3, 4, 5, 6, 7, 8}, best = plain;
  const auto* blocks = reinterpret_cast<const unsigned char*>(text.data());
  Sha256::mix_plain(plain, blocks, 15);
  Sha256::mix_best(best, blocks, 15);
  EXPECT_EQ(plain, best);
}

TEST_F(Files, HashOfAFileIsThatOfItsBytes) {
  const std::string bytes(700'001, 'q');
  write_file(root / "f", bytes);
  EXPECT_EQ(sha256_file(root / "f").value, sha256(bytes));
}

}  // namespace
}  // namespace kinescape
