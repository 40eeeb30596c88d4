# Looks for Boost::context, the static library where there is one: a switch is then a direct call.
# Says nothing when there is none; who includes this file says what that means.
if(NOT TARGET Boost::context)
  block()
    set(Boost_USE_STATIC_LIBS ON)
    find_package(Boost 1.74 CONFIG QUIET COMPONENTS context)
  endblock()
endif()
if(NOT TARGET Boost::context)
  find_package(Boost 1.74 CONFIG QUIET COMPONENTS context)
endif()
