// Which part of the work this process has, where several share it without talking.
//
// How it works. A shard has its own seeds: it explores the same tests as the others, and other schedules. So it does
// not matter how many there are, nor whether one of them dies. Its number comes from --shard or from what starts it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace heddle::cli {

struct shard {
  std::uint64_t index = 0;  // from 0
  std::uint64_t count = 0;  // 0: not known
  std::string origin;       // such as "SLURM_ARRAY_TASK_ID"; empty: there is one shard

  // Such as "3/8", counted from 1; what a corpus calls it.
  std::string name() const;
};

// `option` is --shard, or empty. `variable` gives the value of an environment variable, or an empty string. Throws
// usage_error.
shard find_shard(const std::string& option, const std::function<std::string(const char*)>& variable);

}  // namespace heddle::cli
