// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <nlohmann/json.hpp>

#include "crypto/sha256.h"
#include "ledger/object_proof.h"
#include "ledger/text.h"
#include "tools/chainfs/commands.h"
#include "tools/chainfs/record_text.h"
#include "tools/common/files.h"
#include "tools/common/vkey_argument.h"

namespace chainfs::tools {
namespace {

using nlohmann::json;

constexpr size_t kMaxProofBytes = 2 << 20;  // a note, what chainfs adds to it, and some room

Failure ProofFailure(const Error& error, const std::string& file) {
  if (error.code == ErrorCode::kDamaged) {
    return {ExitCode::kProofFalse, file + ": FALSE: " + error.message};
  }
  if (error.code == ErrorCode::kWrongKey) {
    return {ExitCode::kProofFalse, file +
                                       ": NOT PROVEN: the checkpoint in it is not signed with "
                                       "this vkey"};
  }
  return {ExitCode::kUsage, file + ": " + error.message};
}

json DescribeRecord(const ledger::ProvenRecord& proven) {
  const Digest link = ledger::LinkOf(ledger::EncodeRecord(proven.record));
  return {{"proven", true},
          {"kind", "record"},
          {"origin", proven.checkpoint.origin},
          {"size", proven.checkpoint.size},
          {"record", RecordAsJson(proven.record, link)}};
}

json DescribeObject(const ledger::ProvenObject& proven) {
  json shown = DescribeRecord(proven.in);
  shown["kind"] = "object";
  shown["object"] = {{"id", proven.birth.id.value},
                     {"sealed_bytes", proven.birth.sealed_bytes},
                     {"digest", ledger::EncodeHex(proven.birth.digest)}};
  return shown;
}

void Print(const json& shown) {
  const auto line = [](const char* name, const std::string& text) {
    std::printf("%-10s %s\n", name, text.c_str());
  };
  const json& record = shown["record"];
  const std::string number = record["sequence"].dump();
  if (shown.contains("object")) {
    const json& object = shown["object"];
    line("proven", "object " + object["id"].dump() + " was born in record " + number);
    line("digest", object["digest"]);
    line("size", object["sealed_bytes"].dump() + " bytes, sealed");
    if (shown.contains("blob")) line("blob", shown["blob"].get<std::string>() + " is this object");
  } else {
    line("proven", "record " + number + " is in the ledger");
  }
  line("ledger", shown["origin"].get<std::string>());
  line("head", shown["size"].dump() + " records");
  line("time", record["time"]);
  line("type", record["type"]);
  line("births", record["births"]["count"].dump());
  line("deaths", record["deaths"]["count"].dump());
  line("reaps", record["reaps"]["count"].dump());
  line("live",
       record["live"]["count"].dump() + " objects, " + record["live"]["bytes"].dump() + " bytes");
}

Outcome<void> CompareBlob(const std::string& path, const ledger::Birth& birth) {
  auto blob = ReadWholeFile(path, birth.sealed_bytes);
  // A longer file is no misuse: it is another blob.
  if (!blob && blob.error().code != ExitCode::kUsage) return blob.error();
  if (blob && blob->size() == birth.sealed_bytes && crypto::Sha256(*blob) == birth.digest) {
    return {};
  }
  return Failure{ExitCode::kProofFalse, path + ": FALSE: this is not the object that was proven"};
}

}  // namespace

Outcome<void> VerifyProof(const std::string& path, const VerifyProofOptions& options) {
  auto key = ReadVkeyArgument(options.vkey);
  if (!key) return key.error();
  auto content = ReadWholeFile(path, kMaxProofBytes);
  if (!content) return content.error();
  const std::string_view file = ledger::TextOf(*content);
  json shown;
  if (ledger::KindOfProof(file) == ledger::ProofKind::kObject) {
    auto proven = ledger::VerifyObjectProof(file, *key);
    if (!proven) return ProofFailure(proven.error(), path);
    shown = DescribeObject(*proven);
    if (!options.blob_file.empty()) {
      auto same = CompareBlob(options.blob_file, proven->birth);
      if (!same) return same;
      shown["blob"] = options.blob_file;
    }
  } else {
    auto proven = ledger::VerifyRecordProof(file, *key);
    if (!proven) return ProofFailure(proven.error(), path);
    if (!options.blob_file.empty()) {
      return Failure{ExitCode::kUsage, path + ": a proof of a record, which has no blob"};
    }
    shown = DescribeRecord(*proven);
  }
  if (options.json) {
    std::printf("%s\n", shown.dump(2, ' ', false, json::error_handler_t::replace).c_str());
  } else {
    Print(shown);
  }
  return FlushOutput();
}

}  // namespace chainfs::tools
